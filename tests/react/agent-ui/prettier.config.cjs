// As agent-ui has it, so that what is installed there passes its `format`.
module.exports = {
  singleQuote: true,
  semi: false,
  trailingComma: "none",
  plugins: [require.resolve("prettier-plugin-tailwindcss")],
};
