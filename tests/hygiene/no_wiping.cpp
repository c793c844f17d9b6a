// Linked into a client to switch off all wiping of the library, which is done by this function of OpenSSL.

#include <cstddef>

extern "C" void OPENSSL_cleanse(void*, std::size_t) {}
