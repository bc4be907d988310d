// Resolves the bare name 'mambound' to the running installation.
let index;

export const initialize = (data) => {
  index = data.index;
};

export const resolve = (specifier, context, next) =>
  specifier === 'mambound' ? next(index, context) : next(specifier, context);
