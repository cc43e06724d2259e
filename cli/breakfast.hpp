// cli/breakfast.hpp: the subcommand breakfast.
#pragma once

/// The example of that name: its main, compiled into the command under another name.
int breakfast();
