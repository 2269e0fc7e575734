// How long a function of the page may be. Its style is prettier's, its types are tsc's.
export default [
  {
    files: ["src/modelctl/{web,clients}/**/*.js"],
    languageOptions: { ecmaVersion: "latest", sourceType: "module" },
    rules: { "max-lines-per-function": ["error", 60] },
  },
];
