@echo off
rem Starts Millrace on Windows. In a clone it builds it first when the jar is missing or older than its sources; in an
rem unpacked distribution the jar lies beside it. The launcher for Linux and macOS is the file millrace.
rem   JAVA_HOME          the JDK to use (17 or later); otherwise the java on the PATH
rem   MILLRACE_JAVA_OPTS options for the JVM, for example -Xmx8g
rem No blocks in parentheses below: a path with one, such as C:\Program Files (x86), would end them.
setlocal EnableExtensions DisableDelayedExpansion

set "MILLRACE_HOME=%~dp0"
set "MILLRACE_HOME=%MILLRACE_HOME:~0,-1%"

set "MILLRACE_JAVA=java"
if not defined JAVA_HOME goto java_on_path
set "MILLRACE_JAVA=%JAVA_HOME:"=%\bin\java.exe"
if not exist "%MILLRACE_JAVA%" goto no_java
goto java_found
:java_on_path
where java >nul 2>nul
if errorlevel 1 goto no_java
:java_found

set "MILLRACE_WORK=%MILLRACE_HOME%"
set "MILLRACE_JAR=%MILLRACE_HOME%\millrace.jar"
if not exist "%MILLRACE_HOME%\pom.xml" goto ready
set "MILLRACE_WORK=%MILLRACE_HOME%\target"
set "MILLRACE_JAR=%MILLRACE_WORK%\millrace.jar"
if not exist "%MILLRACE_JAR%" goto build
powershell -NoProfile -Command "$jar = (Get-Item -LiteralPath $env:MILLRACE_JAR).LastWriteTimeUtc; $sources = @(Get-Item -LiteralPath ($env:MILLRACE_HOME + '\pom.xml')) + @(Get-ChildItem -Recurse -File -LiteralPath ($env:MILLRACE_HOME + '\src\main')); if ($sources | Where-Object { $_.LastWriteTimeUtc -gt $jar } | Select-Object -First 1) { exit 1 }"
if not errorlevel 1 goto ready

:build
where mvn >nul 2>nul
if errorlevel 1 goto no_maven
echo Building Millrace; this happens once. 1>&2
pushd "%MILLRACE_HOME%"
call mvn -q -B -Dstyle.color=never -Dmaven.test.skip=true package 1>&2
if errorlevel 1 goto build_failed
popd

:ready
rem OpenMP threads that spin while they wait slow a small machine down tenfold (docs/decisions/0008).
if not defined OMP_WAIT_POLICY set "OMP_WAIT_POLICY=PASSIVE"
rem Nothing is fetched and nothing is reported while it runs.
if not defined DJL_OFFLINE set "DJL_OFFLINE=true"
if not defined OPT_OUT_TRACKING set "OPT_OUT_TRACKING=true"
rem libtorch warns about its own deprecated calls; errors still show.
if not defined TORCH_CPP_LOG_LEVEL set "TORCH_CPP_LOG_LEVEL=ERROR"

rem The SQLite driver unpacks its library at each start: here rather than in a folder that everybody can write to.
set "MILLRACE_NATIVES=%MILLRACE_WORK%\natives"
if not exist "%MILLRACE_NATIVES%\" mkdir "%MILLRACE_NATIVES%" 2>nul
if not exist "%MILLRACE_NATIVES%\" goto without_natives
"%MILLRACE_JAVA%" %MILLRACE_JAVA_OPTS% "-Dorg.sqlite.tmpdir=%MILLRACE_NATIVES%" -jar "%MILLRACE_JAR%" %*
exit /b %ERRORLEVEL%

:without_natives
"%MILLRACE_JAVA%" %MILLRACE_JAVA_OPTS% -jar "%MILLRACE_JAR%" %*
exit /b %ERRORLEVEL%

:no_java
echo error: No Java found: expected a JDK 17 or later at JAVA_HOME or on the PATH. 1>&2
exit /b 1

:no_maven
echo error: No Maven found: the first start builds Millrace and needs mvn 3.8.7 or later on the PATH. 1>&2
exit /b 1

:build_failed
popd
rem A build that fails must not leave a jar that looks new.
if exist "%MILLRACE_JAR%" del /q "%MILLRACE_JAR%"
exit /b 1
