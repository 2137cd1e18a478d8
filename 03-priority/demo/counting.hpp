// Counting in a text, block by block, so that whoever wants it to stop need not wait for the end of a long one.
#pragma once

#include <string_view>

#include <indexer/count.hpp>
#include <pool/priority/cancellation.hpp>

// The same as indexer::count(text). Looks at the token before each block; throws Cancelled.
indexer::Counts count_in_blocks(std::string_view text, const pool::priority::CancelToken& token);
