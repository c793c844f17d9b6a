#include <juju/secret_uri.hpp>

int main()
{
    return juju::SecretUri::try_parse("secret:9m4e2mr0ui3e8a215n4g") ? 0 : 1;
}
