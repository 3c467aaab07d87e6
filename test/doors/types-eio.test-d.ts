// The types of node-eio/eio, as a program sees them: callbacks know what their request made, and misuse does
// not compile.
import type { Stats } from "node:fs";
import eio, {
  EIO_READDIR_DENTS,
  eio_grp,
  eio_grp_add,
  eio_open,
  eio_read,
  eio_readdir,
  eio_readdirplus,
  eio_scandir,
  eio_stat,
  type EioDirent,
  type EioEntry,
  type EioGroup,
  type EioRequest,
} from "../../src/eio.ts";

const exactly =
  <Expected>() =>
  <Given>(
    _given: Given &
      ((<T>() => T extends Given ? 1 : 2) extends <T>() => T extends Expected
        ? 1
        : 2
        ? unknown
        : never),
  ): void => {};

export function requests(): void {
  eio_stat("a", 0, (req) => {
    exactly<Stats>()(req.ptr2);
    exactly<number>()(req.result);
    exactly<string | undefined>()(req.code);
  });
  // A callback may take the place of the priority, and data is known.
  eio_stat("a", (req) => exactly<{ id: number }>()(req.data), { id: 1 });
  eio_open("a", "r", 0, null, null, 5);
  eio_open(Buffer.from("a"), 0, 0);
  const buffer = new Uint8Array(5);
  eio_read(0, buffer, 5, 0, 0, (req) => {
    exactly<typeof buffer>()(req.value);
  });
  eio_readdir("a", EIO_READDIR_DENTS, 0, (req) => {
    exactly<EioDirent<string | Buffer>[] | undefined>()(req.dents);
  });
  eio_readdirplus("a", 0, 0, (req) => {
    exactly<EioEntry<string | Buffer>[]>()(req.value);
    exactly<Stats | undefined>()(req.value[0]!.stats);
  });
  eio_scandir("a", 0, 0, (grp) => exactly<string[]>()(grp.value.dirs));
  exactly<number>()(eio.poll());
  exactly<Promise<void>>()(eio.flush());
}

export function groups(): void {
  const grp = eio_grp((grp) => exactly<string>()(grp.data), "data");
  exactly<EioGroup<string>>()(grp);
  exactly<EioRequest<undefined, Stats>>()(eio_grp_add(grp, eio.stat("a")));
  eio.grp_feed(grp, (grp) => grp.size, 5);
}

export function misuse(): void {
  // @ts-expect-error a path is no number
  eio.stat(5);
  // @ts-expect-error open takes a mode
  eio.open("a", 0);
  // @ts-expect-error a callback is a function
  eio.nop(0, "later");
  // @ts-expect-error a request is no group
  eio.grp_add(eio.nop(), eio.nop());
  // @ts-expect-error there is no such request
  eio.statt("a");
}
