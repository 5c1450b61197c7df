package dev.millrace.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class KvSecretTest {
    private static final String DIGITS = "00017f80ff0d0a20deadbeefDEADBEEF0123456789abcdef0123456789abcdef";
    private static final byte[] KEY = HexFormat.of().parseHex(DIGITS);

    @TempDir
    private Path folder;

    @Test
    void password_afterCallerOverwritesIt_staysAsGiven() {
        char[] given = "correct horse".toCharArray();
        byte[] salt = new byte[16];
        try (KvSecret overwritten = KvSecret.password(given);
                KvSecret other = KvSecret.password("correct horse".toCharArray())) {
            Arrays.fill(given, '\0');
            assertThat(overwritten.isPassword()).isTrue();
            assertThat(overwritten.keyOfPassword(salt, 3)).isEqualTo(other.keyOfPassword(salt, 3));
        }
    }

    /** The example of PBKDF2-HMAC-SHA256 in RFC 7914, section 11, shortened to 32 bytes. */
    @Test
    void keyOfPassword_exampleOfRfc7914_isThatOfTheRfc() {
        try (KvSecret secret = KvSecret.password("Password".toCharArray())) {
            assertThat(secret.keyOfPassword("NaCl".getBytes(StandardCharsets.US_ASCII), 80_000))
                    .asHexString()
                    .isEqualToIgnoringCase("4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56");
        }
    }

    @Test
    void password_empty_isRefused() {
        assertThatThrownBy(() -> KvSecret.password(new char[0]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("empty");
    }

    @Test
    void keyFile_rawBytes_isTheKey() throws IOException {
        try (KvSecret secret = KvSecret.keyFile(ownFile(KEY))) {
            assertThat(secret.isPassword()).isFalse();
            assertThat(secret.keyOfFile()).isEqualTo(KEY);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "\r\n"})
    void keyFile_hexDigitsWithLineEnd_isTheKey(String end) throws IOException {
        try (KvSecret secret = KvSecret.keyFile(ownFile((DIGITS + end).getBytes(StandardCharsets.US_ASCII)))) {
            assertThat(secret.keyOfFile()).isEqualTo(KEY);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n",
                "deadbeef",
                "00017f80ff0d0a20deadbeefDEADBEEF0123456789abcdef0123456789abcde",
                "00017f80ff0d0a20deadbeefDEADBEEF0123456789abcdef0123456789abcdex",
                "00017f80ff0d0a20deadbeefDEADBEEF0123456789abcdef0123456789abcdef\n\n",
                "00017f80ff0d0a20deadbeefDEADBEEF0123456789abcdef0123456789abcdef ",
                "00017f80ff0d0a20deadbeefDEADBEEF0123456789abcdef0123456789abcdef\r",
                "00017f80ff0d0a20deadbeefDEADBEEF0123456789abcdef0123456789abcdef00017f80ff"
            })
    void keyFile_anythingElse_isRefusedWithoutTellingContent(String content) throws IOException {
        Path file = ownFile(content.getBytes(StandardCharsets.US_ASCII));
        assertThatThrownBy(() -> KvSecret.keyFile(file))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining("store.key")
                .hasMessageContaining("expected 32 bytes, or 64 hexadecimal digits")
                .satisfies(refused -> assertThat(refused.getMessage().toLowerCase(Locale.ROOT))
                        .doesNotContain("deadbeef", "17f8"));
    }

    @Test
    void keyFile_absent_throwsNoSuchFile() {
        assertThatThrownBy(() -> KvSecret.keyFile(folder.resolve("absent.key")))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("absent.key");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "rw-----w-", "rw-rw-rw-"})
    void keyFile_openToOthers_isRefused(String permissions) throws IOException {
        Path file = ownFile(KEY);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
        assertThatThrownBy(() -> KvSecret.keyFile(file))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining("store.key")
                .hasMessageContaining(permissions)
                .hasMessageContaining("chmod 600");
    }

    @Test
    void keyFile_linkToOpenFile_isRefused() throws IOException {
        Path file = ownFile(KEY);
        Path link = Files.createSymbolicLink(folder.resolve("link.key"), file);
        KvSecret.keyFile(link).close();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> KvSecret.keyFile(link)).hasMessageContaining("chmod 600");
    }

    @Test
    void newKeyFile_twice_makesTwoPrivateKeys() throws IOException {
        assumePosix();
        Path first = folder.resolve("first.key");
        Path second = folder.resolve("second.key");
        KvSecret.newKeyFile(first);
        KvSecret.newKeyFile(second);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(first)))
                .isEqualTo("rw-------");
        assertThat(Files.readAllBytes(first)).hasSize(32).isNotEqualTo(Files.readAllBytes(second));
        try (KvSecret secret = KvSecret.keyFile(first)) {
            assertThat(secret.keyOfFile()).isEqualTo(Files.readAllBytes(first));
        }
    }

    @Test
    void newKeyFile_existing_leavesItAsItIs() throws IOException {
        Path file = ownFile(KEY);
        assertThatThrownBy(() -> KvSecret.newKeyFile(file)).isInstanceOf(FileAlreadyExistsException.class);
        assertThat(Files.readAllBytes(file)).isEqualTo(KEY);
    }

    @Test
    void close_twice_refusesUseAfterwards() throws IOException {
        KvSecret password = KvSecret.password("correct horse".toCharArray());
        KvSecret keyFile = KvSecret.keyFile(ownFile(KEY));
        byte[] handedOut = keyFile.keyOfFile();
        password.close();
        password.close();
        keyFile.close();
        assertThatThrownBy(() -> password.keyOfPassword(new byte[16], 1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(keyFile::keyOfFile).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> ValueCipher.newHeader(password)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> ValueCipher.newHeader(keyFile)).isInstanceOf(IllegalStateException.class);
        assertThat(handedOut).as("a copy, its caller's").isEqualTo(KEY);
    }

    @Test
    void close_always_overwritesWhatItHolds() throws Exception {
        KvSecret password = KvSecret.password("correct horse".toCharArray());
        KvSecret keyFile = KvSecret.keyFile(ownFile(KEY));
        char[] characters = (char[]) held(password, "characters");
        byte[] key = (byte[]) held(keyFile, "key");
        assertThat(characters).containsExactly("correct horse".toCharArray());
        assertThat(key).isEqualTo(KEY);
        password.close();
        keyFile.close();
        assertThat(characters).containsOnly('\0');
        assertThat(key).containsOnly(0);
    }

    @Test
    void toString_always_tellsTheKindOnly() throws IOException {
        try (KvSecret password = KvSecret.password("key file".toCharArray());
                KvSecret keyFile = KvSecret.keyFile(ownFile(KEY))) {
            assertThat(password).hasToString("KvSecret[password]");
            assertThat(keyFile).hasToString("KvSecret[key file]");
        }
    }

    @Test
    void keyOf_otherKind_throws() throws IOException {
        try (KvSecret password = KvSecret.password("correct horse".toCharArray());
                KvSecret keyFile = KvSecret.keyFile(ownFile(KEY))) {
            assertThatThrownBy(password::keyOfFile).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> keyFile.keyOfPassword(new byte[16], 1)).isInstanceOf(IllegalStateException.class);
            assertThatCode(keyFile::keyOfFile).doesNotThrowAnyException();
        }
    }

    private static Object held(KvSecret secret, String field) throws ReflectiveOperationException {
        var found = KvSecret.class.getDeclaredField(field);
        found.setAccessible(true);
        return found.get(secret);
    }

    private Path ownFile(byte[] content) throws IOException {
        assumePosix();
        Path file = folder.resolve("store.key");
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return Files.write(file, content);
    }

    private void assumePosix() {
        assumeThat(folder.getFileSystem().supportedFileAttributeViews()).contains("posix");
    }
}
