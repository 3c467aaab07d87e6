// The tree that events make, strictly: an event that does not fit what was reported before is an error. It is compared with what there
// really is; who watches is not known here.
import fs from "node:fs";
import path from "node:path";
import type { WatchEvent } from "../../../src/api/watch-tree/events.ts";

interface Node {
  kind: string;
  size: number;
  below: Map<string, Node>;
}

export class TreeModel {
  readonly root: Node = { kind: "directory", size: 0, below: new Map() };
  /** How many of each kind. */
  readonly counts: Record<string, number> = {};

  apply(batch: readonly WatchEvent[]): void {
    for (const event of batch) {
      this.counts[event.type] = (this.counts[event.type] ?? 0) + 1;
      this.#apply(event);
    }
  }

  #apply(event: WatchEvent): void {
    switch (event.type) {
      case "create": {
        const { kind, size } = event;
        return this.#put(event.path, { kind, size, below: new Map() });
      }
      case "modify": {
        const { kind, size } = event;
        return void Object.assign(this.#get(event.path), { kind, size });
      }
      case "remove":
        if (this.#take(event.path).below.size > 0)
          throw new Error(`${event.path} was removed before what is in it`);
        return;
      case "rename":
        return this.#put(event.to, this.#take(event.from));
      case "overflow":
      case "unreadable":
        return;
      case "exchange": {
        const [from, to] = [this.#take(event.from), this.#take(event.to)];
        this.#put(event.from, to);
        return this.#put(event.to, from);
      }
    }
  }

  #parent(at: string): [Map<string, Node>, string] {
    const names = at.split("/");
    const name = names.pop()!;
    let node = this.root;
    for (const one of names) {
      const next = node.below.get(one);
      if (next?.kind !== "directory") throw new Error(`${at} is in no folder`);
      node = next;
    }
    return [node.below, name];
  }
  #get(at: string): Node {
    const [below, name] = this.#parent(at);
    const node = below.get(name);
    if (node === undefined) throw new Error(`${at} is not there`);
    return node;
  }
  #take(at: string): Node {
    const node = this.#get(at);
    const [below, name] = this.#parent(at);
    below.delete(name);
    return node;
  }
  #put(at: string, node: Node): void {
    const [below, name] = this.#parent(at);
    if (below.has(name)) throw new Error(`${at} is there already`);
    below.set(name, node);
  }

  get lines(): string[] {
    const lines: string[] = [];
    const add = (node: Node, at: string): void => {
      for (const [name, { kind, size, below }] of node.below) {
        lines.push(`${at}${name} ${kind} ${size}`);
        add({ kind, size, below }, `${at}${name}/`);
      }
    };
    add(this.root, "");
    return lines.sort();
  }
}

/** The same of what there is. */
export function linesOf(folder: string, at = ""): string[] {
  return fs
    .readdirSync(path.join(folder, at), { withFileTypes: true })
    .flatMap((entry) => {
      const name = `${at}${entry.name}`;
      if (entry.isDirectory())
        return [`${name} directory 0`, ...linesOf(folder, `${name}/`)];
      const kind = entry.isFile() ? "file" : "symlink";
      return [`${name} ${kind} ${fs.lstatSync(path.join(folder, name)).size}`];
    })
    .sort();
}
