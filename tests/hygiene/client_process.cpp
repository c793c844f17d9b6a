#include "hygiene/client_process.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <stdexcept>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hygiene {
namespace {

constexpr std::chrono::seconds limit{60};

class Pipe {
public:
    Pipe()
    {
        if (::pipe2(ends_.data(), O_CLOEXEC) != 0)
            throw std::runtime_error("no pipe");
    }
    ~Pipe()
    {
        ::close(ends_[0]);
        ::close(ends_[1]);
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;

    int reading() const noexcept { return ends_[0]; }
    int writing() const noexcept { return ends_[1]; }

    /// So that the other end sees the end when the child has gone.
    void close_writing()
    {
        ::close(ends_[1]);
        ends_[1] = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    }

private:
    std::array<int, 2> ends_{};
};

class Process {
public:
    Process(const std::string& program, const std::string& name, const Pipe& in, const Pipe& out)
    {
        process_ = ::fork();
        if (process_ != 0)
            return;
        ::dup2(in.reading(), STDIN_FILENO);
        ::dup2(out.writing(), STDOUT_FILENO);
        ::dup2(out.writing(), STDERR_FILENO);
        ::execl(program.c_str(), program.c_str(), name.c_str(), static_cast<char*>(nullptr));
        ::_exit(127);
    }
    ~Process()
    {
        if (process_ > 0) {
            ::kill(process_, SIGKILL);
            wait();
        }
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    /// @return the exit status, or -1 after a signal
    int wait()
    {
        int status = 0;
        ::waitpid(process_, &status, 0);
        process_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

private:
    pid_t process_ = -1;
};

void write_all(int file, const std::string& text)
{
    for (std::size_t done = 0; done < text.size();) {
        const auto written = ::write(file, text.data() + done, text.size() - done);
        if (written <= 0)
            throw std::runtime_error("the client does not read");
        done += static_cast<std::size_t>(written);
    }
}

/// The next line; without one, empty.
std::string next_line(int file, std::string& rest, std::chrono::steady_clock::time_point end)
{
    for (;;) {
        if (const auto newline = rest.find('\n'); newline != std::string::npos) {
            auto line = rest.substr(0, newline + 1);
            rest.erase(0, newline + 1);
            return line;
        }
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        pollfd waiting{file, POLLIN, 0};
        if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) <= 0)
            throw std::runtime_error("the client did not end within 60 s");
        std::array<char, 4096> buffer{};
        const auto got = ::read(file, buffer.data(), buffer.size());
        if (got <= 0)
            return std::move(rest);
        rest.append(buffer.data(), static_cast<std::size_t>(got));
    }
}

void read_line(const std::string& line, Report& report)
{
    if (line.starts_with("count ")) {
        const auto space = line.rfind(' ');
        report.counts[line.substr(6, space - 6)] = std::stoi(line.substr(space));
    } else if (line.starts_with("told ")) {
        report.told.push_back(line.substr(5, line.size() - 6));
    }
}

} // namespace

Facts& Facts::fact(const std::string& name, const std::string& value)
{
    text_ += name + ' ' + value + '\n';
    return *this;
}

Facts& Facts::secret(const std::string& name, std::string_view value)
{
    constexpr const char* digits = "0123456789abcdef";
    text_ += '!' + name + ' ';
    for (const char c : value) {
        text_ += digits[static_cast<unsigned char>(c) / 16];
        text_ += digits[static_cast<unsigned char>(c) % 16];
    }
    text_ += '\n';
    return *this;
}

Report run_client(const std::string& program, const std::string& name, const Facts& facts,
                  const std::function<Facts(const std::string&)>& answer)
{
    const Pipe in;
    Pipe out;
    Process process(program, name, in, out);
    out.close_writing();
    write_all(in.writing(), facts.text() + ".\n");
    const auto end = std::chrono::steady_clock::now() + limit;
    Report report;
    std::string rest;
    for (auto line = next_line(out.reading(), rest, end); !line.empty(); line = next_line(out.reading(), rest, end)) {
        report.output += line;
        if (line.starts_with("? "))
            write_all(in.writing(), answer(line.substr(2, line.size() - 3)).text() + ".\n");
        else
            read_line(line, report);
    }
    report.status = process.wait();
    return report;
}

} // namespace hygiene
