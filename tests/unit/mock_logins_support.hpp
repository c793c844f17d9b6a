#pragma once

#include "support/profile_name.hpp"
#include "support/raw_http.hpp"

#include "mock/base64_text.hpp"

#include <juju/mock_controller.hpp>

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <openssl/hmac.h>

#include <string>
#include <vector>

namespace juju::test {

using Json = nlohmann::json;

inline const std::string bakery_3 = "Bakery-Protocol-Version: 3\r\n";
inline const std::string form_type = "Content-Type: application/x-www-form-urlencoded\r\n";

/// HMAC-SHA256.
inline std::string keyed_hash(const std::string& key, const std::string& text)
{
    unsigned char out[32];
    unsigned size = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()), text.size(), out,
         &size);
    return std::string(reinterpret_cast<const char*>(out), size);
}

/// A discharge as it goes with its primary; both V2. Written out here, so that the mock's library is not asked about itself.
inline Json bound(const Json& primary, Json discharge)
{
    const std::string zero(32, '\0');
    const std::string p = mock::from_base64(primary.at("s64").get<std::string>()).value();
    const std::string d = mock::from_base64(discharge.at("s64").get<std::string>()).value();
    discharge["s64"] = mock::to_base64url(keyed_hash(zero, keyed_hash(zero, p) + keyed_hash(zero, d)));
    return discharge;
}

/// Every byte as %XX.
inline std::string url_encoded(const std::string& text)
{
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        out += '%';
        out += digits[static_cast<unsigned char>(c) >> 4U];
        out += digits[static_cast<unsigned char>(c) & 0xFU];
    }
    return out;
}

/// Logins and discharges against one mock, over real connections.
class LoginClient {
public:
    explicit LoginClient(const MockController& mock, std::string target = "") : mock_(mock), target_(std::move(target))
    {
        if (target_.empty()) {
            target_ = "/model/" + mock.model_uuid() + "/api";
        }
    }

    /// The reply to a login on a connection of its own.
    Json login(const std::string& params) const
    {
        RawWebSocket socket(mock_.endpoint(), mock_.ca_cert(), target_);
        return Json::parse(socket.call(R"({"request-id":1,"type":"Admin","version":3,"request":"Login","params":)" + params + "}"));
    }
    Json login_without_password(const std::string& tag, int version = 3) const
    {
        return login(R"({"auth-tag":")" + tag + R"(","credentials":"","macaroons":null,"bakery-version":)" + std::to_string(version) + "}");
    }
    Json login_with(const std::string& tag, const Json& slices) const
    {
        return login(R"({"auth-tag":")" + tag + R"(","credentials":"","bakery-version":3,"macaroons":)" + slices.dump() + "}");
    }

    RawAnswer post(const std::string& target, const std::string& body, const std::string& headers = bakery_3 + form_type) const
    {
        return RawHttp(mock_.endpoint(), mock_.ca_cert()).request("POST", target, headers, body);
    }
    RawAnswer get(const std::string& target, const std::string& headers = bakery_3) const
    {
        return RawHttp(mock_.endpoint(), mock_.ca_cert()).request("GET", target, headers);
    }
    RawAnswer submit_form(const std::string& user, const std::string& password) const
    {
        return post("/auth/form", R"({"form":{"user":")" + user + R"(","password":")" + password + R"("}})",
                    bakery_3 + "Content-Type: application/json\r\n");
    }
    /// What a form's answer holds, decoded.
    std::string token(const std::string& user, const std::string& password) const
    {
        return mock::from_base64(Json::parse(submit_form(user, password).body).at("token").at("value").get<std::string>()).value();
    }

    /// The form's parameters for a version 3 macaroon.
    static std::string caveat_of(const Json& login_reply)
    {
        return "id64=AwA&caveat64=" + login_reply.at("response").at("bakery-discharge-required").at("cdata").at("AwA").get<std::string>();
    }

    /// A whole slice, as a user with this password gets it.
    Json slice(const std::string& user, const std::string& password) const
    {
        const Json asked = login_without_password("user-" + user);
        const Json primary = asked.at("response").at("bakery-discharge-required").at("m");
        const RawAnswer answer = post("/auth/discharge", caveat_of(asked) + "&token-kind=juju_userpass&token=" + token(user, password));
        Json list = Json::array({primary});
        list.push_back(bound(primary, Json::parse(answer.body).at("Macaroon").at("m")));
        return list;
    }

private:
    const MockController& mock_;
    std::string target_;
};

} // namespace juju::test
