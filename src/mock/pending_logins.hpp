#pragma once

#include <juju/mock_controller.hpp>

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace juju::mock {

/// A login that somebody finishes elsewhere, in a browser.
struct PendingLogin {
    enum class State { waiting, confirmed, refused };

    std::string code; ///< names it
    State state = State::waiting;
    std::string user;      ///< when confirmed
    std::string caveat;    ///< to be discharged then; empty for a device login
    std::string caveat_id; ///< as the client names it
};

class PendingLogins {
public:
    PendingLogin& start(std::string code);
    PendingLogin* find(std::string_view code);
    void erase(std::string_view code);
    /// Confirms all that wait, or refuses them for an empty user. @return how many
    std::size_t answer_all(const std::string& user);
    const std::vector<PendingLogin>& all() const noexcept { return logins_; }

private:
    std::vector<PendingLogin> logins_;
};

/// Tokens that a discharger takes once, within two minutes of the mock's clock.
class OneTimeTokens {
public:
    /// 24 hex digits.
    std::string make(std::string kind, std::string user, MockTime now);
    /// Whose it was. It is gone after that.
    std::optional<std::string> take(const std::string& token, std::string_view kind, MockTime now);

private:
    struct Token {
        std::string kind;
        std::string user;
        MockTime made;
    };
    std::map<std::string, Token> tokens_;
};

/// Session tokens of JAAS.
class SessionTokens {
public:
    std::string make(std::string user);
    /// Whose it is. @throws Failure `session token invalid`
    const std::string& user_of(const std::string& token) const;
    void expire_all();

private:
    struct Token {
        std::string user;
        bool expired = false;
    };
    std::map<std::string, Token> tokens_;
};

/// A rate limit: `size` tokens, one more every `rate`.
class TokenBucket {
public:
    /// @param size 0 for no limit
    TokenBucket(std::size_t size, std::chrono::nanoseconds rate) : size_(size), rate_(rate), left_(size) {}

    /// Takes a token if there is one.
    bool take(MockTime now);

private:
    std::size_t size_;
    std::chrono::nanoseconds rate_;
    std::size_t left_;
    std::optional<MockTime> filled_;
};

} // namespace juju::mock
