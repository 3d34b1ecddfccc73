import { missing, type Section } from '../section.ts'
import { versionOf, type Program } from '../program.ts'
import { serverSection } from './section.ts'

const title = 'Apache'
const modules = '/usr/lib/apache2/modules'

/** No limit is set: those that it is built with hold. One process, which ends when it is killed. A file is given to whoever posts. */
function program(folder: string, port: number): Program {
  return {
    command: ['apache2', '-X', '-d', folder, '-f', `${folder}/apache2.conf`],
    files: {
      deploy: 'ok',
      'apache2.conf': `LoadModule mpm_event_module ${modules}/mod_mpm_event.so
LoadModule authz_core_module ${modules}/mod_authz_core.so
ServerName localhost
Listen 127.0.0.1:${port}
User www-data
Group www-data
PidFile ${folder}/apache2.pid
DefaultRuntimeDir ${folder}
ErrorLog ${folder}/error.log
LogFormat "%>s %{Authorization}i %r" asked
CustomLog ${folder}/access.log asked
DocumentRoot ${folder}
<Directory ${folder}>
  Require all granted
</Directory>
`,
    },
  }
}

export async function apache(): Promise<Section> {
  const skipped = missing(['apache2'])
  if (skipped !== undefined) return { title, text: '', wrong: [], skipped }
  return serverSection({
    title,
    version: versionOf('apache2', '-v').replace('Server version: ', ''),
    program,
  })
}
