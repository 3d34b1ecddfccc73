import http from 'node:http'

/** Answers 200 to everything, at every address. */
http
  .createServer((_request, response) => response.end('ok'))
  .listen(8080, () => process.stdout.write('listening\n'))
