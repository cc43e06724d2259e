// src/http/date.cpp: the three ways to write a date in HTTP, of which we write one.
#include "torus/http/date.hpp"

#include "torus/http/token.hpp"

#include <algorithm>
#include <cstddef>

namespace torus::inline v0::http {
namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 7> days = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                  "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

constexpr sys_seconds earliest = sys_days(year(0) / January / 1);
constexpr sys_seconds latest = sys_days(year(9999) / December / 31) + hours(24) - seconds(1);

void put(char* at, std::string_view text) noexcept { std::copy(text.begin(), text.end(), at); }

void put(char* at, unsigned number, int digits) noexcept {
    for (; digits-- > 0; number /= 10) at[digits] = static_cast<char>('0' + number % 10);
}

// "Sun, 06 Nov 1994 08:49:37 GMT": always 29 characters.
std::array<char, 29> written(sys_seconds when) noexcept {
    when = std::clamp(when, earliest, latest);
    const sys_days day = floor<std::chrono::days>(when);
    const year_month_day date(day);
    const hh_mm_ss time(when - day);
    std::array<char, 29> text;
    put(text.data(), "Day, 00 Mon 0000 00:00:00 GMT");
    put(text.data(), days[weekday(day).c_encoding()].substr(0, 3));
    put(text.data() + 5, static_cast<unsigned>(date.day()), 2);
    put(text.data() + 8, months[static_cast<unsigned>(date.month()) - 1]);
    put(text.data() + 12, static_cast<unsigned>(static_cast<int>(date.year())), 4);
    put(text.data() + 17, static_cast<unsigned>(time.hours().count()), 2);
    put(text.data() + 20, static_cast<unsigned>(time.minutes().count()), 2);
    put(text.data() + 23, static_cast<unsigned>(time.seconds().count()), 2);
    return text;
}

// Reads a date from the left; the first thing that does not fit makes all of it wrong.
class reader {
public:
    explicit reader(std::string_view text) noexcept : rest_(text) {}

    bool right() const noexcept { return right_; }
    bool at_end() const noexcept { return right_ && rest_.empty(); }

    void skip(std::string_view text) noexcept {
        if (rest_.substr(0, text.size()) != text) return fail();
        rest_.remove_prefix(text.size());
    }

    int number(std::size_t digits) noexcept {
        int value = 0;
        for (std::size_t i = 0; i < digits; ++i) {
            if (rest_.empty() || !is_digit(rest_.front())) return fail(), 0;
            value = value * 10 + (rest_.front() - '0');
            rest_.remove_prefix(1);
        }
        return value;
    }

    // asctime pads the day with a space.
    int padded_day() noexcept {
        if (rest_.empty() || rest_.front() != ' ') return number(2);
        rest_.remove_prefix(1);
        return number(1);
    }

    month month_name() noexcept {
        const auto found = std::find(months.begin(), months.end(), rest_.substr(0, 3));
        if (found == months.end()) return fail(), January;
        rest_.remove_prefix(3);
        return month(static_cast<unsigned>(found - months.begin()) + 1);
    }

    // Takes the name of a day, whole or its first three letters, which of the seven does not matter.
    void day_name(std::size_t letters) noexcept {
        for (std::string_view name : days) {
            name = name.substr(0, letters);
            if (rest_.substr(0, name.size()) == name) return rest_.remove_prefix(name.size());
        }
        fail();
    }

    seconds time_of_day() noexcept {
        const int h = number(2);
        skip(":");
        const int m = number(2);
        skip(":");
        const int s = number(2);
        if (h > 23 || m > 59 || s > 60) fail();  // 60 is a leap second
        return hours(h) + minutes(m) + seconds(s);
    }

private:
    void fail() noexcept { right_ = false, rest_ = {}; }

    std::string_view rest_;
    bool right_ = true;
};

std::optional<sys_seconds> moment(const reader& from, int y, month m, int d, seconds time) noexcept {
    const year_month_day date(year(y), m, day(static_cast<unsigned>(d)));
    if (!from.at_end() || !date.ok()) return std::nullopt;
    return sys_days(date) + time;
}

// Sun, 06 Nov 1994 08:49:37 GMT
std::optional<sys_seconds> parse_fixed(std::string_view text) noexcept {
    reader r(text);
    r.day_name(3);
    r.skip(", ");
    const int d = r.number(2);
    r.skip(" ");
    const month m = r.month_name();
    r.skip(" ");
    const int y = r.number(4);
    r.skip(" ");
    const seconds time = r.time_of_day();
    r.skip(" GMT");
    return moment(r, y, m, d, time);
}

// Sunday, 06-Nov-94 08:49:37 GMT
std::optional<sys_seconds> parse_rfc850(std::string_view text, sys_seconds now) noexcept {
    reader r(text);
    r.day_name(std::string_view::npos);
    r.skip(", ");
    const int d = r.number(2);
    r.skip("-");
    const month m = r.month_name();
    r.skip("-");
    const int this_year = static_cast<int>(year_month_day(floor<std::chrono::days>(now)).year());
    int y = this_year / 100 * 100 + r.number(2);
    if (y > this_year + 50) y -= 100;
    r.skip(" ");
    const seconds time = r.time_of_day();
    r.skip(" GMT");
    return moment(r, y, m, d, time);
}

// Sun Nov  6 08:49:37 1994
std::optional<sys_seconds> parse_asctime(std::string_view text) noexcept {
    reader r(text);
    r.day_name(3);
    r.skip(" ");
    const month m = r.month_name();
    r.skip(" ");
    const int d = r.padded_day();
    r.skip(" ");
    const seconds time = r.time_of_day();
    r.skip(" ");
    const int y = r.number(4);
    return moment(r, y, m, d, time);
}

}  // namespace

std::string format_date(sys_seconds when) {
    const auto text = written(when);
    return {text.data(), text.size()};
}

std::optional<sys_seconds> parse_date(std::string_view text, sys_seconds now) {
    if (text.size() > 3 && text[3] == ',') return parse_fixed(text);
    if (text.size() > 3 && text[3] == ' ') return parse_asctime(text);
    return parse_rfc850(text, now);
}

std::string_view date_cache::at(sys_seconds now) noexcept {
    if (now != of_) {
        of_ = now;
        text_ = written(now);
    }
    return {text_.data(), text_.size()};
}

}  // namespace torus::inline v0::http
