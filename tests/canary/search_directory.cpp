// Searches the files of a directory for the markers that files named *.markers in it list. `canary_search DIRECTORY`

#include "support/canary_search.hpp"

#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

namespace {

/// Each line of a file is a text.
int search(const std::filesystem::path& directory)
{
    std::set<std::string> markers;
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
        if (!entry.is_regular_file())
            continue;
        if (entry.path().extension() != ".markers") {
            files.push_back(entry.path());
            continue;
        }
        std::ifstream file(entry.path());
        for (std::string line; std::getline(file, line);)
            markers.insert(line);
    }
    canary::Search all;
    for (const auto& marker : markers)
        all.add_marker(marker);
    for (const auto& path : files) {
        std::ifstream file(path, std::ios::binary);
        for (std::string line; std::getline(file, line);) {
            if (all.look_at(line))
                std::cout << path.string() << ": " << line << '\n';
        }
    }
    std::cout << "markers " << markers.size() << ", files " << files.size() << '\n' << all.summary() << '\n';
    return markers.empty() || all.texts() == 0 || all.hits() != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

} // namespace

int main(int argc, char** argv)
{
    try {
        if (argc == 2)
            return search(argv[1]);
        std::cerr << "usage: canary_search DIRECTORY\n";
    } catch (const std::exception& error) {
        std::cerr << "canary_search: " << error.what() << '\n';
    }
    return 2;
}
