// Walking folders and reading files: what is found, what is skipped, what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/fsuid.h>
#endif

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include <indexer/text.hpp>
#include <indexer/walk.hpp>
#include "temp_folder.hpp"

namespace indexer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
namespace fs = std::filesystem;

// Makes this thread obey file permissions even if root runs the tests.
class WithoutPrivileges {
 public:
  WithoutPrivileges() {
#ifdef __linux__
    if (::geteuid() == 0) old_ = ::setfsuid(65534);
#endif
  }
  ~WithoutPrivileges() {
#ifdef __linux__
    if (old_ >= 0) ::setfsuid(static_cast<uid_t>(old_));
#endif
  }
  WithoutPrivileges(const WithoutPrivileges&) = delete;
  WithoutPrivileges& operator=(const WithoutPrivileges&) = delete;

 private:
  int old_ = -1;
};

bool can_read(const std::string& path) {
  return ::access(path.c_str(), R_OK) == 0;
}

TEST(Walk, OfAnEmptyFolderFindsNothing) {
  const TempFolder folder;
  const Listing listing = walk(folder.path());
  EXPECT_THAT(listing.files, IsEmpty());
  EXPECT_EQ(listing.folders, 1u);
  EXPECT_TRUE(listing.skipped == Skipped{});
  EXPECT_THAT(listing.unreadable, IsEmpty());
}

TEST(Walk, ListsFilesInAFixedOrderThoseOfAFolderBeforeItsSubfolders) {
  const TempFolder folder;
  const std::string late = folder.write("b/z", ""), deep = folder.write("b/c/d", ""), early = folder.write("a/y", ""),
                    top = folder.write("zz", ""), upper = folder.write("B", "");
  EXPECT_THAT(walk(folder.path()).files, ElementsAre(upper, top, early, late, deep));
  EXPECT_EQ(walk(folder.path()).folders, 4u);
}

TEST(Walk, CountsSymbolicLinksAndNeverFollowsThem) {
  const TempFolder folder;
  const std::string file = folder.write("folder/file", "text");
  fs::create_directory_symlink(".", folder / "folder/loop");
  fs::create_directory_symlink(folder.path(), folder / "folder/up");
  fs::create_symlink(file, folder / "to_file");
  fs::create_symlink("nowhere", folder / "dangling");
  fs::create_symlink("itself", folder / "itself");
  const Listing listing = walk(folder.path());
  EXPECT_THAT(listing.files, ElementsAre(file));
  EXPECT_EQ(listing.skipped.links, 5u);
}

TEST(Walk, SkipsVersionControlAndTaggedCachesAndCountsThem) {
  const TempFolder folder;
  const std::string file = folder.write("file", "");
  folder.write(".git/config", "");
  folder.write("sub/.hg/x", "");
  folder.write(".svn/x", "");
  folder.write("build/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n# made by a tool\n");
  folder.write("build/deep/x", "");
  const std::string not_a_tag = folder.write("other/CACHEDIR.TAG", "Signature: something else");
  const std::string git_file = folder.write("worktree/.git", "gitdir: ../x");
  const Listing listing = walk(folder.path());
  EXPECT_THAT(listing.files, ElementsAre(file, not_a_tag, git_file));
  EXPECT_EQ(listing.skipped.version_control, 3u);
  EXPECT_EQ(listing.skipped.caches, 1u);
}

TEST(Walk, TakesTheFolderThatItIsGivenWhateverItIs) {
  const TempFolder folder;
  const std::string config = folder.write(".git/config", "");
  folder.write(".git/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55");
  EXPECT_EQ(walk(folder / ".git").files.size(), 2u);
  fs::create_directory_symlink(folder / ".git", folder / "link");
  EXPECT_EQ(walk(folder / "link").files.size(), 2u);
  EXPECT_THAT(walk(folder / ".git/").files, ElementsAre(folder / ".git/CACHEDIR.TAG", config));  // no double slash
}

TEST(Walk, CountsPipesAndSocketsAndDoesNotOpenThem) {
  const TempFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  const int listener = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = folder / "socket";
  std::strncpy(address.sun_path, name.c_str(), sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::close(listener);
  const Listing listing = walk(folder.path());
  EXPECT_THAT(listing.files, IsEmpty());
  EXPECT_EQ(listing.skipped.special, 2u);
  EXPECT_EQ(read_text(folder / "pipe").outcome, Outcome::special);  // at once: nobody writes to it
  EXPECT_EQ(read_text(folder / "socket").outcome, Outcome::special);
}

TEST(Walk, KeepsOddNamesAsTheyAre) {
  const TempFolder folder;
  std::vector<std::string> names = {"\x1b[31mred", " ", "\"quoted\"", "-rf", "back\\slash", "new\nline", "\xff\xfe"};
  for (const std::string& name : names) folder.write(name, name);
  std::vector<std::string> found;
  for (const std::string& path : walk(folder.path()).files) {
    found.emplace_back(path_below(folder.path(), path));
    EXPECT_EQ(read_text(path).text, found.back());
  }
  EXPECT_EQ(found, names);
}

TEST(Walk, NamesAFolderThatItMayNotReadAndGoesOn) {
  TempFolder folder;
  const std::string file = folder.write("open/file", "");
  folder.write("closed/file", "");
  folder.lock("closed");
  const WithoutPrivileges nobody;
  const Listing listing = walk(folder.path());
  if (listing.files.size() == 2) GTEST_SKIP() << "this user may read everything";
  EXPECT_THAT(listing.files, ElementsAre(file));
  EXPECT_THAT(listing.unreadable, ElementsAre(Unreadable{folder / "closed", EACCES}));
}

TEST(Walk, CountsAFolderThatVanishedBeforeItsTurn) {
  const TempFolder folder;
  const Folder gone = list_folder(folder / "gone", Origin::found);
  EXPECT_EQ(gone.skipped.vanished, 1u);
  EXPECT_THAT(gone.unreadable, IsEmpty());
}

TEST(Walk, DoesNotEnterAFolderThatBecameALink) {
  const TempFolder folder;
  folder.write("target/file", "");
  fs::create_directory_symlink("target", folder / "link");
  const Folder listed = list_folder(folder / "link", Origin::found);
  EXPECT_THAT(listed.files, IsEmpty());
  EXPECT_EQ(listed.skipped.links + listed.skipped.vanished, 1u);
}

TEST(FolderFault, SaysWhatIsWrongAndWhatWouldBeRight) {
  TempFolder folder;
  const std::string file = folder.write("file", "");
  EXPECT_EQ(folder_fault(folder.path()), "");
  EXPECT_EQ(folder_fault(folder / "none"), "there is no folder '" + (folder / "none") + "'");
  EXPECT_EQ(folder_fault(""), "there is no folder ''");
  EXPECT_THAT(folder_fault(file), HasSubstr("is not a folder; give the folder that holds it"));
  fs::create_directory(folder / "closed");
  folder.lock("closed");
  const WithoutPrivileges nobody;
  const std::string fault = folder_fault(folder / "closed");
  if (fault.empty()) GTEST_SKIP() << "this user may read everything";
  EXPECT_THAT(fault, HasSubstr("cannot be read: Permission denied"));
}

TEST(ReadText, GivesTheWholeText) {
  const TempFolder folder;
  for (const std::size_t size : {0u, 1u, 8191u, 8192u, 8193u, 1'000'000u}) {
    std::string content;
    while (content.size() < size) content += static_cast<char>('a' + content.size() % 23);
    const FileText file = read_text(folder.write("file", content));
    EXPECT_EQ(file.outcome, Outcome::text);
    EXPECT_TRUE(file.text == content) << size << " bytes";
    EXPECT_TRUE(file.opened == file.closed);
    EXPECT_EQ(file.opened.size, size);
  }
}

TEST(ReadText, TellsBinaryFilesByANulInTheFirst8KiB) {
  const TempFolder folder;
  std::string content(10'000, 'x');
  content[kProbeSize] = '\0';
  EXPECT_EQ(read_text(folder.write("late", content)).text, content);
  content[kProbeSize - 1] = '\0';
  const FileText binary = read_text(folder.write("early", content));
  EXPECT_EQ(binary.outcome, Outcome::binary);
  EXPECT_THAT(binary.text, IsEmpty());
}

TEST(ReadText, SaysWhenTheFileVanishedAfterTheWalk) {
  const TempFolder folder;
  folder.write("sub/file", "text");
  const std::vector<std::string> files = walk(folder.path()).files;
  ASSERT_EQ(files.size(), 1u);
  fs::remove_all(folder / "sub");
  EXPECT_EQ(read_text(files[0]).outcome, Outcome::vanished);
}

TEST(ReadText, DoesNotFollowAFileThatBecameALink) {
  const TempFolder folder;
  fs::create_symlink(folder.write("target", "text"), folder / "link");
  EXPECT_EQ(read_text(folder / "link").outcome, Outcome::link);
  EXPECT_EQ(read_text(folder.path()).outcome, Outcome::special);  // nor reads a folder
}

TEST(ReadText, KeepsTheReasonWhenAFileIsUnreadable) {
  TempFolder folder;
  const std::string path = folder.write("secret", "text");
  folder.lock("secret");
  const WithoutPrivileges nobody;
  const FileText file = read_text(path);
  if (file.outcome == Outcome::text) GTEST_SKIP() << "this user may read everything";
  EXPECT_EQ(file.outcome, Outcome::unreadable);
  EXPECT_EQ(file.error, EACCES);
}

TEST(ReadText, KeepsTheReasonWhenReadingFails) {
  const std::string broken = "/proc/self/mem";  // on Linux: a regular file whose first page cannot be read
  if (!can_read(broken)) GTEST_SKIP() << "there is no " << broken;
  const FileText file = read_text(broken);
  EXPECT_EQ(file.outcome, Outcome::unreadable);
  EXPECT_EQ(file.error, EIO);
}

TEST(ReadText, LeavesNoDescriptorOpen) {
  const TempFolder folder;
  const std::string path = folder.write("file", "text");
  const int before = ::dup(0);
  ::close(before);
  static_cast<void>(read_text(path));
  static_cast<void>(read_text(folder / "none"));
  static_cast<void>(walk(folder.path()));
  const int after = ::dup(0);
  ::close(after);
  EXPECT_EQ(before, after);
}

}  // namespace
}  // namespace indexer
