// An intrusive FIFO list: members carry their own links, so that removing one from the middle, which is what a cancel
// does, costs the same as taking the first. It does not know what they are.

export interface Linked<T> {
  next: T | null;
  previous: T | null;
}

export class List<T extends Linked<T>> {
  #first: T | null = null;
  #last: T | null = null;
  length = 0;

  get first(): T | null {
    return this.#first;
  }

  push(item: T): void {
    item.previous = this.#last;
    item.next = null;
    if (this.#last === null) this.#first = item;
    else this.#last.next = item;
    this.#last = item;
    this.length++;
  }

  unshift(item: T): void {
    item.next = this.#first;
    item.previous = null;
    if (this.#first === null) this.#last = item;
    else this.#first.previous = item;
    this.#first = item;
    this.length++;
  }

  remove(item: T): void {
    if (item.previous === null) this.#first = item.next;
    else item.previous.next = item.next;
    if (item.next === null) this.#last = item.previous;
    else item.next.previous = item.previous;
    item.next = null;
    item.previous = null;
    this.length--;
  }

  shift(): T | null {
    const item = this.#first;
    if (item !== null) this.remove(item);
    return item;
  }
}
