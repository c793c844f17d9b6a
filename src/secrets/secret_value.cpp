#include <juju/secret_value.hpp>

#include "local_error.hpp"
#include "secrets/base64.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

namespace juju {
namespace {

[[noreturn]] void throw_undecodable()
{
    throw detail::local_error(errc::invalid_base64, "the secret value is stored as something that is not standard base64; "
                                                    "SecretValue::base64() gives the text as it is stored");
}

} // namespace

SecretValue::SecretValue(std::string_view bytes) : data_(bytes.empty() ? nullptr : new char[bytes.size()]), size_(bytes.size())
{
    std::copy(bytes.begin(), bytes.end(), data_);
}

SecretValue::SecretValue(std::span<const std::byte> bytes)
    : SecretValue(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()))
{
}

SecretValue SecretValue::from_base64(std::string_view text)
{
    SecretValue value = from_stored_base64(text);
    if (!value.decodable_)
        throw detail::local_error(errc::invalid_base64,
                                  "the text is not standard base64; it takes the characters A-Z, a-z, 0-9, + and /, padding with = to a "
                                  "multiple of four, and nothing else, line breaks included");
    return value;
}

SecretValue SecretValue::from_stored_base64(std::string_view text)
{
    if (const auto size = detail::base64::decoded_size(text); size && *size != 0) {
        SecretValue value;
        value.data_ = new char[*size];
        value.size_ = *size;
        if (detail::base64::decode(text, value.data_))
            return value;
    }
    SecretValue stored(text);
    stored.decodable_ = text.empty();
    return stored;
}

SecretValue::SecretValue(const SecretValue& other) : SecretValue(std::string_view(other.data_, other.size_))
{
    decodable_ = other.decodable_;
}

SecretValue::SecretValue(SecretValue&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)), decodable_(std::exchange(other.decodable_, true))
{
}

SecretValue& SecretValue::operator=(const SecretValue& other)
{
    return *this = SecretValue(other);
}

SecretValue& SecretValue::operator=(SecretValue&& other) noexcept
{
    SecretValue taken(std::move(other));
    std::swap(data_, taken.data_);
    std::swap(size_, taken.size_);
    std::swap(decodable_, taken.decodable_);
    return *this;
}

SecretValue::~SecretValue()
{
    if (data_ != nullptr)
        OPENSSL_cleanse(data_, size_);
    delete[] data_;
}

std::string_view SecretValue::text() const
{
    if (!decodable_)
        throw_undecodable();
    return {data_, size_};
}

std::span<const std::byte> SecretValue::bytes() const
{
    if (!decodable_)
        throw_undecodable();
    return std::as_bytes(std::span<const char>(data_, size_));
}

SecretValue SecretValue::base64() const
{
    SecretValue result;
    if (size_ == 0)
        return result;
    if (!decodable_)
        return SecretValue(std::string_view(data_, size_));
    const std::size_t size = detail::base64::encoded_size(size_);
    result.data_ = new char[size];
    result.size_ = size;
    detail::base64::encode({data_, size_}, result.data_);
    return result;
}

bool operator==(const SecretValue& a, const SecretValue& b) noexcept
{
    return a.decodable_ == b.decodable_ && a.size_ == b.size_ && (a.size_ == 0 || CRYPTO_memcmp(a.data_, b.data_, a.size_) == 0);
}

} // namespace juju
