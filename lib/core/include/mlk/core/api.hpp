#pragma once

/// Marks what libmlk.so shows to other programs; everything else is hidden. The C++ interface lives in the inline
/// namespace v0 and may change with each minor version (the SONAME says so).
#if defined(_WIN32)
#define MLK_API
#else
#define MLK_API __attribute__((visibility("default")))
#endif
