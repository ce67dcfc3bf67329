// Every parameter comes with an example. Swagger UI would put all of them into the form and send them together, which
// asks for nothing that exists; so here they are told beside the field, and the form starts empty.
function besideTheField(description) {
  for (const parameter of Object.values((description.components || {}).parameters || {})) {
    if (parameter.example === undefined) continue;
    const written = [].concat(parameter.example).join(",");
    parameter.description += "\n\nFor example `" + written + "`";
    delete parameter.example;
  }
  return description;
}
const ExamplesBesideTheField = () => ({
  statePlugins: { spec: { wrapActions: { updateJsonSpec: (original) => (found) => original(besideTheField(found)) } } },
});
window.onload = () => {
  const settings = JSON.parse(document.getElementById("swagger-ui").dataset.settings);
  window.ui = SwaggerUIBundle({
    ...settings,
    presets: [SwaggerUIBundle.presets.apis],
    plugins: [ExamplesBesideTheField],
  });
};
