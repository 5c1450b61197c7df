package dev.millrace.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.Engine;
import java.io.File;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Against the libtorch that this suite runs on, and folders made of its parts. */
@EnabledOnOs(OS.LINUX)
class LibtorchTest {
    @TempDir
    Path folder;

    private Path real;
    private Path bridge;

    @BeforeEach
    void findLibtorch() throws IOException {
        String engine = Engine.getInstance().toString();
        // DJL's own folder has the bridge that fits already; a user's libtorch has none.
        Path cache = Path.of(engine.substring(engine.indexOf("PyTorch Library: ") + "PyTorch Library: ".length())
                .strip());
        real = Files.createDirectory(folder.resolve("real"));
        for (String name : List.of("libc10.so", "libtorch.so", "libtorch_cpu.so")) {
            Files.createSymbolicLink(real.resolve(name), cache.resolve(name).toRealPath());
        }
        bridge = cache.resolve(Engine.getDjlVersion() + "-libdjl_torch.so");
    }

    @Test
    void check_bridgeOfTheUsersOwn_isTheOneThatMustFit() throws Exception {
        Files.createSymbolicLink(real.resolve("libdjl_torch.so"), bridge);
        Files.writeString(real.resolve("build-version"), "2.11.0+cpu\n");
        assertThatCode(() -> Libtorch.check(real.toString(), "cu128", null)).doesNotThrowAnyException();
        Files.delete(real.resolve("libtorch_cpu.so"));
        assertRefused(real, "cu128", null).hasMessageContaining("missing are _ZN");
    }

    @Test
    void check_theRightLibtorch_isAccepted() {
        assertThatCode(() -> Libtorch.check(real.toString(), "cpu", null)).doesNotThrowAnyException();
        assertThatCode(() -> Libtorch.check(folder + File.pathSeparator + real.resolve("libtorch.so"), "cpu", "2.7.1"))
                .doesNotThrowAnyException();
    }

    @Test
    void check_libtorchForCpuUnderAnotherFlavor_namesWhatIsMissing() {
        assertRefused(real, "cu128", null)
                .hasMessageContaining("functions of libtorch 2.7.1")
                .hasMessageContaining("cuda");
    }

    @Test
    void check_libtorchWithoutSomeFunctions_namesHowManyThereAre() throws Exception {
        // What another release looks like: libraries of the right names that define less.
        Path part = Files.createDirectory(folder.resolve("part"));
        Files.copy(real.resolve("libc10.so"), part.resolve("libc10.so"));
        Files.copy(real.resolve("libtorch.so"), part.resolve("libtorch.so"));
        assertRefused(part, "cpu", null)
                .hasMessageContaining("in [c10, torch]")
                .hasMessageContaining("missing are _ZN")
                .hasMessageContaining("docs/gpu.md");
    }

    @Test
    void check_versionOfAnotherRelease_isRefused() throws Exception {
        Path lib = Files.createDirectories(folder.resolve("torch/lib"));
        Files.createFile(lib.resolve("libtorch.so"));
        Files.writeString(folder.resolve("torch/version.py"), "debug = False\n__version__ = '2.11.0+cu130'\n");
        assertRefused(lib, "cu128", null).hasMessageContaining("expected a libtorch 2.7.1, found 2.11.0+cu130");
        Files.writeString(folder.resolve("torch/build-version"), "2.7.10\n");
        assertRefused(lib, "cu128", null).hasMessageContaining("found 2.7.10");
    }

    @Test
    void check_settingsThatCannotWork_areRefused() {
        assertRefused(folder, "cpu", null).hasMessageContaining("expected a folder with libtorch.so");
        assertRefused(real, null, null).hasMessageContaining("expected PYTORCH_FLAVOR to be one of [cpu");
        assertRefused(real, "cpu-precxx11", null).hasMessageContaining("found 'cpu-precxx11'");
        assertRefused(real, "cpu", "2.11.0").hasMessageContaining("PYTORCH_VERSION 2.7.1");
        assertRefused(null, null, "2.5.1")
                .hasMessageContaining("PYTORCH_VERSION 2.7.1")
                .hasMessageContaining("Unset it");
        assertThatCode(() -> Libtorch.check(null, null, "2.7.1")).doesNotThrowAnyException();
    }

    @Test
    void read_noLibraryOrADamagedOne_isAnErrorNotACrash() throws Exception {
        byte[] good = Files.readAllBytes(real.resolve("libc10.so"));
        ElfSymbols symbols = read(good);
        assertThat(symbols.defined()).anyMatch(name -> name.contains("c10")).doesNotContain("");
        assertThat(symbols.needed()).isNotEmpty().doesNotContainAnyElementsOf(symbols.defined());
        assertThatThrownBy(() -> read("text".repeat(100).getBytes(java.nio.charset.StandardCharsets.US_ASCII)))
                .isInstanceOf(IOException.class);
        for (int length : new int[] {0, 10, 64, 5000, good.length / 2}) {
            assertThatThrownBy(() -> read(java.util.Arrays.copyOf(good, length)))
                    .isInstanceOf(IOException.class);
        }
    }

    private ElfSymbols read(byte[] bytes) throws IOException {
        Path file = Files.write(folder.resolve("library"), bytes);
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            return ElfSymbols.read(channel);
        }
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> assertRefused(
            Path path, String flavor, String version) {
        String named = path == null ? null : path.toString();
        return assertThatThrownBy(() -> Libtorch.check(named, flavor, version))
                .isInstanceOf(DeviceUnavailableException.class);
    }
}
