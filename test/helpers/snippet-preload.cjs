// Loaded before a snippet of the documentation: a server listens at a port of its own, wherever the snippet says, and does not
// keep the process alive. It knows no snippet.
const { Server } = require("node:net");

const { listen } = Server.prototype;
Server.prototype.listen = function (_port, ...rest) {
  const callback = rest.find((one) => typeof one === "function");
  return Reflect.apply(listen, this, [0, "127.0.0.1", callback]).unref();
};
