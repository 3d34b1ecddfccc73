/** What every dispatcher here is given: receivers on this machine are allowed. */
export const dispatcherOptions = { egress: { allow: ['127.0.0.1'] } } as const
