// Module hooks: the bare name 'mambound' is the running installation, and a TypeScript file is an ES module even
// where no package.json beside it says so.
let index;

export const initialize = (data) => {
  index = data.index;
};

export const resolve = async (specifier, context, next) => {
  const resolved = await next(specifier === 'mambound' ? index : specifier, context);
  return /\.ts(\?|$)/.test(resolved.url) ? { ...resolved, format: 'module' } : resolved;
};
