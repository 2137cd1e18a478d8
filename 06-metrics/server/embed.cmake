# cmake -DFILES="a;b" -DOUT=assets.cpp -P embed.cmake: writes the files into a C++ source, as the assets of the server.
set(entries "")
foreach(file IN LISTS FILES)
  file(READ "${file}" content)
  cmake_path(GET file FILENAME name)
  cmake_path(GET file EXTENSION LAST_ONLY extension)
  if(extension STREQUAL ".html")
    set(type "text/html; charset=utf-8")
  elseif(extension STREQUAL ".css")
    set(type "text/css; charset=utf-8")
  elseif(extension STREQUAL ".js")
    set(type "text/javascript; charset=utf-8")
  elseif(extension STREQUAL ".svg")
    set(type "image/svg+xml")
  elseif(extension STREQUAL ".json")
    set(type "application/json")
  else()
    message(FATAL_ERROR "embed.cmake: what is the type of ${file}?")
  endif()
  # A literal may have some 64 KiB at most, so each line is one, and they are joined.
  string(REPLACE ";" "\\;" content "${content}")
  string(REGEX REPLACE "([^\n]*)\n" "R\"~~~(\\1)~~~\" \"\\\\n\"\n" content "${content}")
  string(REPLACE "\\;" ";" content "${content}")
  string(APPEND entries "  {\"${name}\", \"${type}\",\n${content}},\n")
endforeach()
file(WRITE "${OUT}" "// Made by embed.cmake from the files in dashboard/.
#include <pool/server/assets.hpp>

namespace pool::server {

const Asset* asset(std::string_view name) {
  static const Asset assets[] = {
${entries}  };
  for (const Asset& asset : assets) {
    if (asset.name == name) return &asset;
  }
  return nullptr;
}

}  // namespace pool::server
")
