const egressExists: boolean = false

/** What every dispatcher here is given: receivers on this machine are allowed. */
export const dispatcherOptions: object = egressExists ? { egress: { allow: ['127.0.0.1'] } } : {}
