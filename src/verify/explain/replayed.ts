/** What a source gives, each of it made once and kept, and not before somebody walks there. */
export function replayed<Value>(source: Iterator<Value>): Iterable<Value> {
  const made: Value[] = []
  return {
    *[Symbol.iterator]() {
      for (let index = 0; ; index += 1) {
        if (index === made.length) {
          const { done, value } = source.next() as IteratorResult<Value, undefined>
          if (done === true) return
          made.push(value)
        }
        yield made[index] as Value
      }
    },
  }
}
