// Prints docs/explanation/failures.md.

#include "faults/table.hpp"

#include <iostream>

int main()
{
    std::cout << juju::faults::document();
}
