/** Options with every one that there is, of each of their kinds: what is added to a type and not to what has this one does not compile. */
export type AllOf<Options> = Options extends unknown
  ? {
      readonly [
        Name in keyof Options as Exclude<Options[Name], undefined> extends never ? never : Name
      ]-?: Exclude<Options[Name], undefined>
    }
  : never
