#include "wire/model_list.hpp"

#include <juju/error.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

using juju::errc;
namespace wire = juju::wire;

namespace {

std::vector<wire::ListedModel> models(std::string_view text)
{
    wire::Reply reply{juju::WipingString(text)};
    return wire::decode_models(reply);
}

juju::Error error_of(std::string_view text)
{
    try {
        models(text);
    } catch (const juju::Error& error) {
        return error;
    }
    ADD_FAILURE() << "decoded: " << text;
    return juju::Error({}, juju::detail::ErrorDetails());
}

} // namespace

TEST(ModelList, AsksForTheModelsOfAUser)
{
    const auto text = wire::list_models_request(10, "user-bob").encode(2);

    EXPECT_EQ(text, R"({"request-id":2,"type":"ModelManager","version":10,"request":"ListModels","params":{"tag":"user-bob"}})");
}

TEST(ModelList, ReadsTheOwnersTag)
{
    const auto list =
        models(R"({"request-id":2,"response":{"user-models":[{"model":{"name":"prod","uuid":"2f4a1b1e-3c5d-4e6f-8a9b-0c1d2e3f4a5b",)"
               R"("type":"iaas","owner-tag":"user-bob"},"last-connection":"2026-07-01T09:30:00Z"}]}})");

    ASSERT_EQ(list.size(), 1U);
    EXPECT_EQ(list[0].name, "bob/prod");
    EXPECT_EQ(list[0].uuid, "2f4a1b1e-3c5d-4e6f-8a9b-0c1d2e3f4a5b");
    EXPECT_EQ(list[0].type, "iaas");
}

TEST(ModelList, ReadsTheQualifierOfVersion11)
{
    const auto list =
        models(R"({"request-id":2,"response":{"user-models":[{"model":{"name":"prod","qualifier":"bob","uuid":)"
               R"("2f4a1b1e-3c5d-4e6f-8a9b-0c1d2e3f4a5b","type":"caas"},"last-connection":null},{"model":{"name":"shared",)"
               R"("qualifier":"alice@example.com","uuid":"3f4a1b1e-3c5d-4e6f-8a9b-0c1d2e3f4a5b","type":""},"last-connection":null}]}})");

    ASSERT_EQ(list.size(), 2U);
    EXPECT_EQ(list[0].name, "bob/prod");
    EXPECT_EQ(list[0].type, "caas");
    EXPECT_EQ(list[1].name, "alice@example.com/shared");
    EXPECT_EQ(list[1].type, "iaas") << "an empty type means iaas";
}

TEST(ModelList, DropsTheLocalDomain)
{
    const auto list = models(R"({"request-id":2,"response":{"user-models":[{"model":{"name":"a","owner-tag":"user-bob@local",)"
                             R"("uuid":"2f4a1b1e-3c5d-4e6f-8a9b-0c1d2e3f4a5b"}}]}})");

    ASSERT_EQ(list.size(), 1U);
    EXPECT_EQ(list[0].name, "bob/a");
}

TEST(ModelList, MayBeEmpty)
{
    EXPECT_TRUE(models(R"({"request-id":2,"response":{"user-models":[]}})").empty());
    EXPECT_TRUE(models(R"({"request-id":2,"response":{"user-models":null}})").empty());
    EXPECT_TRUE(models(R"({"request-id":2,"response":{}})").empty());
}

TEST(ModelList, RefusesWhatIsNoModel)
{
    for (const std::string model : {
             R"({"name":"a","owner-tag":"user-bob","uuid":"rubbish"})",
             R"({"owner-tag":"user-bob","uuid":"2f4a1b1e-3c5d-4e6f-8a9b-0c1d2e3f4a5b"})",
             R"({"name":"a","uuid":"2f4a1b1e-3c5d-4e6f-8a9b-0c1d2e3f4a5b"})",
             R"({"name":"a","owner-tag":"bob","uuid":"2f4a1b1e-3c5d-4e6f-8a9b-0c1d2e3f4a5b"})",
             R"({"name":7,"owner-tag":"user-bob","uuid":"2f4a1b1e-3c5d-4e6f-8a9b-0c1d2e3f4a5b"})",
             R"("a")",
         }) {
        const auto error = error_of(R"({"request-id":2,"response":{"user-models":[{"model":)" + model + "}]}}");
        EXPECT_EQ(error.code(), errc::malformed_reply) << model;
    }
}

TEST(ModelList, GivesTheControllersRefusal)
{
    const auto error = error_of(R"({"request-id":2,"error":"permission denied","error-code":"unauthorized access","response":{}})");

    EXPECT_EQ(error.code(), errc::permission_denied);
    EXPECT_EQ(error.request(), "ModelManager.ListModels");
}
