// A queue of tasks, from which one can be taken that nobody will run. What a task is, or does, is not known here.

/** First come, first served, and whoever came last is known. */
export class Tasks<Task> {
  #tasks: Task[] = [];
  last: Task | null = null;

  get size(): number {
    return this.#tasks.length;
  }
  shift(): Task | null {
    return this.#tasks.shift() ?? null;
  }
  push(task: Task): void {
    this.last = task;
    this.#tasks.push(task);
  }
  unshift(task: Task): void {
    this.last = task;
    this.#tasks.unshift(task);
  }
  remove(task: Task | null): void {
    this.#tasks = this.#tasks.filter((other) => other !== task);
  }
}
