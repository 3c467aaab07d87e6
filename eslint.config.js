// What the linter holds us to: the recommended rules, and the type-aware ones about promises,
// because a forgotten promise in a file-I/O library is a lost error.
import js from "@eslint/js";
import tseslint from "typescript-eslint";

const KEPT =
  "Fake timers may replace it: take the one that src/util/node-timers.ts keeps.";
const timerNames = [
  "clearImmediate",
  "clearInterval",
  "clearTimeout",
  "performance",
  "queueMicrotask",
  "setImmediate",
  "setInterval",
  "setTimeout",
];

export default tseslint.config(
  { ignores: ["**/dist/", "coverage/", ".node-tests/", "**/node_modules/"] },
  js.configs.recommended,
  tseslint.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: ["error", "always", { null: "ignore" }],
      "@typescript-eslint/no-unused-vars": [
        "error",
        {
          argsIgnorePattern: "^_",
          varsIgnorePattern: "^_",
          caughtErrorsIgnorePattern: "^_",
          destructuredArrayIgnorePattern: "^_",
        },
      ],
    },
  },
  {
    files: ["**/*.ts"],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      "@typescript-eslint/await-thenable": "error",
      "@typescript-eslint/consistent-type-imports": [
        "error",
        { disallowTypeAnnotations: false },
      ],
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              regex: "^\\.{1,2}/(?!.*dist/).*\\.js$",
              message:
                "Our own files are imported by their real name, with .ts.",
            },
          ],
        },
      ],
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    // What runs in the user's process; the bench has processes, and the pages browsers, of their own.
    files: ["src/**/*.ts", "workers/**/*.ts", "packages/*/src/**/*.ts"],
    ignores: [
      "packages/bench/**",
      "packages/page/**",
      "packages/*/src/page/**",
      "src/util/node-timers.ts",
    ],
    rules: {
      "no-restricted-globals": [
        "error",
        ...timerNames.map((name) => ({ name, message: KEPT })),
      ],
      "no-restricted-properties": [
        "error",
        { object: "process", property: "nextTick", message: KEPT },
        { object: "process", property: "hrtime", message: KEPT },
        ...timerNames.map((property) => ({
          object: "globalThis",
          property,
          message: KEPT,
        })),
      ],
      "@typescript-eslint/no-restricted-imports": [
        "error",
        {
          paths: ["node:timers", "node:timers/promises"].map((name) => ({
            name,
            message: KEPT,
          })),
        },
      ],
    },
  },
  {
    files: ["**/*.js", "**/*.mjs", "**/*.cjs"],
    languageOptions: {
      globals: {
        AbortController: "readonly",
        AbortSignal: "readonly",
        Buffer: "readonly",
        URL: "readonly",
        clearTimeout: "readonly",
        console: "readonly",
        performance: "readonly",
        process: "readonly",
        setImmediate: "readonly",
        setTimeout: "readonly",
      },
    },
  },
  {
    files: ["**/*.cjs"],
    languageOptions: {
      globals: {
        __dirname: "readonly",
        __filename: "readonly",
        exports: "writable",
        module: "writable",
        require: "readonly",
      },
    },
    rules: { "@typescript-eslint/no-require-imports": "off" },
  },
);
