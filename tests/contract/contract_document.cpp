// Prints docs/reference/juju-versions.md.

#include "contract/cases.hpp"

#include <iostream>

int main()
{
    std::cout << juju::contract::document();
}
