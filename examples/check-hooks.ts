/**
 * Before a platform starts, or in the form in which a hook is entered: would each hook be sent to, and if not, why? Sends nothing.
 *
 *   DEPLOY_HOOK_URLS=https://hooks.example.com/deploy,http://10.20.0.7/ DEPLOY_HOOK_SECRET_KEY=my_secret_key \
 *   node examples/check-hooks.ts
 *
 * DEPLOY_HOOK_ALLOW names what may be sent to besides the public Internet. Ends with 1 when a hook would not be sent to.
 */
import { createDispatcher, hooksFromEnv } from 'deploy-hooks'

const quiet = { warn() {}, error() {} } // what would be warned about is printed below

await using dispatcher = createDispatcher({ ...hooksFromEnv(), logger: quiet })
for (const { hook, ok, addresses = [], refusal } of await dispatcher.check()) {
  console.log(`${hook.id} ${hook.url}: ${ok ? ['ok', ...addresses].join(' ') : refusal?.message}`)
  if (!ok) process.exitCode = 1
}
