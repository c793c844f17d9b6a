#pragma once

#include <juju/mock_controller.hpp>

#include <gtest/gtest.h>

#include <string>

namespace juju::test {

/// The profiles, for INSTANTIATE_TEST_SUITE_P.
inline std::string profile_name(const testing::TestParamInfo<MockProfile>& info)
{
    return info.param == MockProfile::juju_3_6 ? "juju_3_6" : "juju_4_0";
}

} // namespace juju::test
