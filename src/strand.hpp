#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/strand.hpp>

namespace juju {

/// What the state of one connection is touched on.
using Strand = boost::asio::strand<boost::asio::any_io_executor>;

} // namespace juju
