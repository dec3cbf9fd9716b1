/** Sources of a Python package that is compiled: it says how wide its interpreter is. By their paths in a root. */
export const spamSources: Readonly<Record<string, string>> = {
  '/srv/sdists/src/spam-1.0/spam.c': `#include <Python.h>
static PyObject *width(PyObject *self, PyObject *none) { return PyLong_FromLong(8 * sizeof(void *)); }
static PyMethodDef methods[] = {{"width", width, METH_NOARGS, ""}, {0}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "spam", "", -1, methods};
PyMODINIT_FUNC PyInit_spam(void) { return PyModule_Create(&module); }
`,
  '/srv/sdists/src/spam-1.0/setup.py':
    "from setuptools import Extension, setup\nsetup(name='spam', version='1.0', ext_modules=[Extension('spam', ['spam.c'])])\n",
};
