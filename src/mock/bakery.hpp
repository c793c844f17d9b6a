#pragma once

#include "mock/macaroon.hpp"

#include <juju/mock_controller.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace juju::mock {

/// What a third party has to find out, and what it needs to say so.
struct ThirdPartyCaveat {
    std::string condition; ///< "is-authenticated-user bob"
    std::string key;
    int version = 3; ///< of the bakery: decides the form of the discharge
};

/// A login macaroon in the two forms of a login reply.
struct LoginMacaroon {
    Json bare;
    Json bakery; ///< from version 3 on with the third party's caveat beside it
};

/// Mints login macaroons and their discharges, and checks what comes back.
class Bakery {
public:
    /// For whom a macaroon is: an external user's is no local user's.
    enum class Audience { local, external };

    /// A macaroon that holds until `expiry` for whom the third party at `location` finds to fulfil `condition`.
    /// @param version 0 and 1 give V1 JSON, 2 a bare V2 macaroon, 3 a wrapped one
    LoginMacaroon mint(Audience audience, int version, const std::string& name, const std::string& location, const std::string& condition,
                       MockTime expiry);

    /// The user name that the first valid slice declares, empty when it declares none or several. None when no slice is valid.
    /// @param slices as they stand in `macaroons` of a login
    std::optional<std::string> declared_user(Audience audience, const Json& slices, MockTime now) const;

    const ThirdPartyCaveat* find_caveat(const std::string& caveat) const;
    /// The discharge of a caveat, in the form that its version has.
    /// @param id as the client names the caveat
    static Json discharge(const ThirdPartyCaveat& caveat, const std::string& id, const std::string& user, MockTime expiry);

    /// Refuses everything minted so far.
    void forget_all();

private:
    struct RootKey {
        std::string key;
        Audience audience;
    };

    std::map<std::string, RootKey> root_keys_; ///< by the macaroon's id
    std::map<std::string, ThirdPartyCaveat> caveats_;
};

} // namespace juju::mock
