import { execFileSync } from 'node:child_process'
import { missing, type Section } from '../section.ts'
import type { Program } from '../program.ts'
import { serverSection } from './section.ts'

const title = 'nginx'

/** No limit is set: those that it is built with hold. One process, which ends when it is killed. */
function program(folder: string, port: number): Program {
  return {
    command: ['nginx', '-p', folder, '-c', `${folder}/nginx.conf`],
    files: {
      'nginx.conf': `daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events {}
http {
  log_format asked '$status $http_authorization $request';
  access_log ${folder}/access.log asked;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server { listen 127.0.0.1:${port}; location / { return 204; } }
}
`,
    },
  }
}

export async function nginx(): Promise<Section> {
  const skipped = missing(['nginx'])
  if (skipped !== undefined) return { title, text: '', wrong: [], skipped }
  return serverSection({ title, version: version(), program })
}

/** It says so on its standard error. */
function version(): string {
  return execFileSync('sh', ['-c', 'nginx -v 2>&1'], { encoding: 'utf8' })
    .trim()
    .replace('nginx version: ', '')
}
