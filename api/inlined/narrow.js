// A phone begins with what was found, so the filters around this are closed before anything is drawn.
if (matchMedia("(max-width: 60rem)").matches) document.currentScript.parentElement.open = false;
