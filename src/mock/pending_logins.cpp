#include "mock/pending_logins.hpp"

#include "mock/base64_text.hpp"
#include "mock/failure.hpp"
#include "mock/names.hpp"

#include <algorithm>
#include <utility>

namespace juju::mock {
namespace {

constexpr std::chrono::minutes interaction_time{2};

Failure bad_session_token(const std::string& text)
{
    return Failure(text, "session token invalid");
}

} // namespace

PendingLogin& PendingLogins::start(std::string code)
{
    logins_.emplace_back().code = std::move(code);
    return logins_.back();
}

PendingLogin* PendingLogins::find(std::string_view code)
{
    const auto found = std::find_if(logins_.begin(), logins_.end(), [&](const PendingLogin& login) { return login.code == code; });
    return found == logins_.end() ? nullptr : &*found;
}

void PendingLogins::erase(std::string_view code)
{
    std::erase_if(logins_, [&](const PendingLogin& login) { return login.code == code; });
}

std::size_t PendingLogins::answer_all(const std::string& user)
{
    std::size_t answered = 0;
    for (PendingLogin& login : logins_) {
        if (login.state == PendingLogin::State::waiting) {
            login.state = user.empty() ? PendingLogin::State::refused : PendingLogin::State::confirmed;
            login.user = user;
            ++answered;
        }
    }
    return answered;
}

std::string OneTimeTokens::make(std::string kind, std::string user, MockTime now)
{
    std::string token = random_hex(24);
    tokens_.insert_or_assign(token, Token{std::move(kind), std::move(user), now});
    return token;
}

std::optional<std::string> OneTimeTokens::take(const std::string& token, std::string_view kind, MockTime now)
{
    const auto node = tokens_.extract(token);
    if (node.empty() || node.mapped().kind != kind || now - node.mapped().made > interaction_time) {
        return std::nullopt;
    }
    return node.mapped().user;
}

std::string SessionTokens::make(std::string user)
{
    const std::string claims = to_base64url(R"({"sub":")" + user + R"("})");
    std::string token = to_base64(to_base64url(R"({"alg":"HS256"})") + '.' + claims + '.' + to_base64url(random_hex(32)));
    tokens_.insert_or_assign(token, Token{std::move(user)});
    return token;
}

const std::string& SessionTokens::user_of(const std::string& token) const
{
    if (token.empty()) {
        throw bad_session_token("no token presented");
    }
    if (!from_base64(token)) {
        throw bad_session_token("failed to decode token: illegal base64 data");
    }
    const auto found = tokens_.find(token);
    if (found == tokens_.end()) {
        throw bad_session_token("failed to decode token: could not verify message");
    }
    if (found->second.expired) {
        throw bad_session_token("JIMM session token expired");
    }
    return found->second.user;
}

void SessionTokens::expire_all()
{
    for (auto& [text, token] : tokens_) {
        token.expired = true;
    }
}

bool TokenBucket::take(MockTime now)
{
    if (size_ == 0) {
        return true;
    }
    MockTime filled = filled_.value_or(now);
    while (left_ < size_ && rate_.count() > 0 && now - filled >= rate_) {
        ++left_;
        filled += rate_;
    }
    filled_ = left_ == size_ ? now : filled;
    if (left_ == 0) {
        return false;
    }
    --left_;
    return true;
}

} // namespace juju::mock
