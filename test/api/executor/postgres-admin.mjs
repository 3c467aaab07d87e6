// Makes the tables that postgres-driver.mjs prepares its statements for. It knows nothing of what is done with them.
import { createRequire } from "node:module";

let client;

export function open({ data }) {
  const Client = createRequire(import.meta.url)(data.driver);
  client = new Client();
  client.connectSync(`host=${data.socket} user=tester dbname=postgres`);
}

export const close = () => client.end();

export function create() {
  client.querySync(`
    create table accounts (id integer primary key, sum integer not null);
    create table entries (id integer primary key, "from" integer, "to" integer, amount integer);
    insert into accounts select i, 0 from generate_series(0, 19) as i`);
}
