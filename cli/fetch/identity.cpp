// cli/fetch/identity.cpp: which run an output belongs to.
#include "cli/fetch/identity.hpp"

#include <stdexcept>

#include <nlohmann/json.hpp>

#include "cli/fetch/digest.hpp"
#include "cli/json_text.hpp"
#include "cli/quantity.hpp"

namespace torus::inline v0::cli {

namespace {

/// Changes when the same input and options begin to mean something else.
constexpr std::string_view meaning = "torus fetch, results as of version 1";

std::string options_as_json(const run_record& record) {
    json_object options;
    for (const auto& [name, value] : record.options) options.add(name, value);
    return std::move(options).finish();
}

std::string value_of(const run_record& record, std::string_view option) {
    for (const auto& [name, value] : record.options)
        if (name == option) return value;
    return {};
}

std::string shown(const std::string& value) { return value.empty() ? "not given" : value; }

}  // namespace

std::string run_record::identity() const {
    return sha256_hex(std::string(meaning) + '\n' + options_as_json(*this) + '\n' + input_hash);
}

std::string to_json(const run_record& record) {
    json_object text;
    text.add("identity", record.identity());
    text.add("input_sha256", record.input_hash);
    text.add("lines", record.lines);
    if (record.input == run_record::origin::file) text.add("input_file", record.path);
    text.add_raw("options", options_as_json(record));
    return std::move(text).finish();
}

run_record parse_run_record(std::string_view text) {
    const auto json = nlohmann::ordered_json::parse(text, nullptr, false);
    run_record record;
    try {
        record.input_hash = json.at("input_sha256").get<std::string>();
        record.lines = json.at("lines").get<std::int64_t>();
        record.input = json.contains("input_file") ? run_record::origin::file : run_record::origin::stored;
        if (record.input == run_record::origin::file) record.path = json.at("input_file").get<std::string>();
        for (const auto& [name, value] : json.at("options").items())
            record.options.emplace_back(name, value.get<std::string>());
        if (record.identity() != json.at("identity").get<std::string>() || record.lines < 0)
            throw std::invalid_argument("the record of the run is damaged");
    } catch (const nlohmann::ordered_json::exception&) {
        throw std::invalid_argument("the record of the run is damaged");
    }
    return record;
}

bool is_effort(std::string_view option) noexcept {
    return option == "--timeout" || option == "--connect-timeout" || option == "--retries";
}

std::string difference(const run_record& found, const run_record& wanted, allowance may_change) {
    if (found.input_hash != wanted.input_hash)
        return "another input: the one of that run had " +
               format_count(static_cast<std::uint64_t>(found.lines), "line", "lines") + " and the SHA-256 " +
               found.input_hash.substr(0, 12) + "…, this one has " +
               format_count(static_cast<std::uint64_t>(wanted.lines)) + " and " + wanted.input_hash.substr(0, 12) + "…";
    for (const auto& [name, value] : wanted.options) {
        const std::string before = value_of(found, name);
        if (before == value || (may_change == allowance::effort && is_effort(name))) continue;
        std::string text = "another " + name + ": it was " + shown(before) + " there and is " + shown(value) + " here";
        if (is_effort(name)) text += " (with --retry-failed it may change)";
        return text;
    }
    return {};
}

}  // namespace torus::inline v0::cli
