#include "contract/cases.hpp"
#include "support/markdown.hpp"

namespace juju::contract {

using markdown::cell;
using markdown::code;
using markdown::row;

std::string document()
{
    std::string text = R"(# Juju 3.6 and 4.0

This page is made from the data of the contract test (`tests/contract/cases.cpp`), which runs each line on both releases of the mock controller. Do
not edit it: run `contract_document > docs/reference/juju-versions.md`.

One program works with every controller from Juju 3.3 on. Where the releases answer differently, the library gives one answer.

## What differs underneath, and what you see

)";
    text += row({"call", "situation", "Juju 3.6 on the wire", "Juju 4.0 on the wire", "what you get", "how"});
    text += row({"--", "--", "--", "--", "--", "--"});
    for (const auto& c : cases()) {
        if (c.differs() && c.result_4_0.empty())
            text += row({code(c.call), cell(c.situation), code(c.wire_3_6), code(c.wire_4_0), cell(c.result), cell(c.how)});
    }
    text += R"(
## What stays different

These are rules of the controllers that a client cannot or should not hide.

)";
    text += row({"call", "situation", "with Juju 3.6", "with Juju 4.0", "why"});
    text += row({"--", "--", "--", "--", "--"});
    for (const auto& c : cases()) {
        if (!c.result_4_0.empty())
            text += row({code(c.call), cell(c.situation), cell(c.result), cell(c.result_4_0), cell(c.how)});
    }
    text += R"(
## What is the same

| call | situation | what you get |
| -- | -- | -- |
)";
    for (const auto& c : cases()) {
        if (!c.differs() && c.result_4_0.empty())
            text += row({code(c.call), cell(c.situation), cell(c.result)});
    }
    return text;
}

} // namespace juju::contract
