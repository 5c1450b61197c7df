package dev.millrace.kv;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * What opens an encrypted store: a password, or the 32 bytes of a key file. Held by the caller only as long as it takes
 * to open the store, which keeps no reference to it:
 * <pre>
 *   try (KvSecret secret = KvSecret.keyFile(Path.of("store.key"));
 *           KvStore store = KvStore.builder().setFile(file).optSecret(secret).build()) {
 *       …
 *   }
 * </pre>
 *
 * <p>A key file opens a store at once; a password takes about half a second, which is what makes guessing it slow. A
 * lost secret cannot be replaced: its store is lost too.
 *
 * <p>Thread-safe. {@link #close()} overwrites what is held here; copies that the JDK made meanwhile go with the garbage
 * collector.
 */
public final class KvSecret implements AutoCloseable {
    private static final int KEY_BYTES = 32;
    private static final int HEX_DIGITS = 2 * KEY_BYTES;
    /** Digits, carriage return, line feed, and one byte that tells of a longer file. */
    private static final int LONGEST_FILE = HEX_DIGITS + 3;

    private static final Set<PosixFilePermission> OF_OTHERS = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);

    private final boolean password;
    /** Empty in a secret of a key file. */
    private final char[] characters;
    /** Empty in a password. */
    private final byte[] key;

    private boolean closed;

    private KvSecret(boolean password, char[] characters, byte[] key) {
        this.password = password;
        this.characters = characters;
        this.key = key;
    }

    /**
     * A password, copied: the caller overwrites the array given. Compared as it is; the same letter composed in another
     * way ("é" of one or two code points) is another password.
     *
     * @throws IllegalArgumentException if it is empty
     */
    public static KvSecret password(char[] password) {
        if (password.length == 0) {
            throw new IllegalArgumentException("The password is empty: give at least one character");
        }
        return new KvSecret(true, password.clone(), new byte[0]);
    }

    /**
     * The key in a file of exactly 32 bytes, or of 64 hexadecimal digits and at most a line end. {@link #newKeyFile}
     * makes one.
     *
     * @throws java.nio.file.NoSuchFileException if there is no such file
     * @throws FileSystemException if the file is not a key, or if others than its owner may read or change it; the
     *     latter is checked where files have POSIX permissions
     */
    public static KvSecret keyFile(Path file) throws IOException {
        refuseIfOpenToOthers(file);
        byte[] content = new byte[LONGEST_FILE];
        try (InputStream in = Files.newInputStream(file)) {
            int length = in.readNBytes(content, 0, LONGEST_FILE);
            return new KvSecret(false, new char[0], parseKey(file, content, length));
        } finally {
            Arrays.fill(content, (byte) 0);
        }
    }

    /**
     * Makes a key file of 32 random bytes that only its owner may read, and forces them to the disk. Keep a copy of it
     * apart from the store.
     *
     * @throws java.nio.file.FileAlreadyExistsException if there is such a file; it is left as it is
     */
    public static void newKeyFile(Path file) throws IOException {
        byte[] bytes = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(bytes);
        Set<StandardOpenOption> options = EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (FileChannel out = FileChannel.open(file, options, ownerOnly(file))) {
            writeOrDelete(file, out, ByteBuffer.wrap(bytes));
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    /** Half a key is worse than none: it would be taken for damage of the store's later. */
    private static void writeOrDelete(Path file, FileChannel out, ByteBuffer bytes) throws IOException {
        try {
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        } catch (IOException e) {
            Files.deleteIfExists(file);
            throw e;
        }
    }

    private static FileAttribute<?>[] ownerOnly(Path file) {
        if (!file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return new FileAttribute<?>[0];
        }
        return new FileAttribute<?>[] {
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        };
    }

    private static void refuseIfOpenToOthers(Path file) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
        if (view == null) {
            return;
        }
        Set<PosixFilePermission> permissions = view.readAttributes().permissions();
        if (permissions.stream().anyMatch(OF_OTHERS::contains)) {
            throw new FileSystemException(
                    file.toString(),
                    null,
                    "others than its owner may read or change this key file: expected rw-------, found "
                            + PosixFilePermissions.toString(permissions)
                            + ". Run chmod 600 on it, and make a new key if others may have read it");
        }
    }

    private static byte[] parseKey(Path file, byte[] content, int length) throws FileSystemException {
        if (length == KEY_BYTES) {
            return Arrays.copyOf(content, KEY_BYTES);
        }
        int digits = length;
        if (digits > 0 && content[digits - 1] == '\n') {
            digits--;
            if (digits > 0 && content[digits - 1] == '\r') {
                digits--;
            }
        }
        if (digits != HEX_DIGITS) {
            throw notAKey(file, length == LONGEST_FILE ? "a longer file" : length + " bytes");
        }
        for (int i = 0; i < digits; i++) {
            if (!HexFormat.isHexDigit(content[i])) {
                throw notAKey(file, length + " bytes with another character at offset " + i);
            }
        }
        byte[] parsed = new byte[KEY_BYTES];
        for (int i = 0; i < KEY_BYTES; i++) {
            int high = HexFormat.fromHexDigit(content[2 * i]);
            parsed[i] = (byte) (high << 4 | HexFormat.fromHexDigit(content[2 * i + 1]));
        }
        return parsed;
    }

    private static FileSystemException notAKey(Path file, String found) {
        return new FileSystemException(
                file.toString(),
                null,
                "not a key file: expected 32 bytes, or 64 hexadecimal digits and a line end, found " + found
                        + ". Give the file that the store was made with");
    }

    /** A password, or else the key of a file. */
    boolean isPassword() {
        return password;
    }

    /** The key that wraps the data key of a store with a key file. The caller overwrites it. */
    synchronized byte[] keyOfFile() {
        requireOpen();
        if (password) {
            throw new IllegalStateException("A password, not a key file");
        }
        return key.clone();
    }

    /** The key that wraps the data key of a store with a password. The caller overwrites it. */
    byte[] keyOfPassword(byte[] salt, int iterations) {
        PBEKeySpec spec;
        synchronized (this) {
            requireOpen();
            if (!password) {
                throw new IllegalStateException("A key file, not a password");
            }
            spec = new PBEKeySpec(characters, salt, iterations, Byte.SIZE * KEY_BYTES);
        }
        // Outside of the lock: it takes its time, and works on a copy.
        try {
            return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(spec)
                    .getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Cannot derive a key: this Java lacks PBKDF2WithHmacSHA256", e);
        } finally {
            spec.clearPassword();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("The secret is closed: close it after the store was built");
        }
    }

    /** Overwrites the secret. Closing it again does nothing. */
    @Override
    public synchronized void close() {
        closed = true;
        Arrays.fill(characters, '\0');
        Arrays.fill(key, (byte) 0);
    }

    /** Tells the kind only. */
    @Override
    public String toString() {
        return password ? "KvSecret[password]" : "KvSecret[key file]";
    }
}
