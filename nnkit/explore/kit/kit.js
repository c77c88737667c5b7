// What views draw with.
export * from "./formula.js";
export * from "./glide.js";
export * from "./graph.js";
export * from "./handle.js";
export * from "./heat.js";
export * from "./movable.js";
export * from "./plane.js";
export * from "./plot.js";
export * from "./shapes.js";
export * from "./title.js";
