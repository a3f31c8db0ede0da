/* Starts cmd.exe as Kudu's debug console does: without a window, with three pipes, whose bytes are passed on. */
#include <windows.h>

struct pipe {
    HANDLE from, to;
    BOOL closes;
};

static DWORD WINAPI pass_on(LPVOID given)
{
    struct pipe *pipe = given;
    char bytes[4096];
    DWORD read, written;
    while (ReadFile(pipe->from, bytes, sizeof bytes, &read, NULL) && read)
        WriteFile(pipe->to, bytes, read, &written, NULL);
    if (pipe->closes)
        CloseHandle(pipe->to);
    return 0;
}

int main(void)
{
    static char command[] = "cmd.exe /Q";
    SECURITY_ATTRIBUTES inherited = {sizeof inherited, NULL, TRUE};
    STARTUPINFOA start = {sizeof start};
    PROCESS_INFORMATION process;
    HANDLE ours[3], theirs[3], threads[3];
    struct pipe pipes[3];
    DWORD code, id, standard[] = {STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE};
    int i;
    for (i = 0; i < 3; i++) {
        if (!CreatePipe(i ? &ours[i] : &theirs[i], i ? &theirs[i] : &ours[i], &inherited, 0))
            return 250;
        SetHandleInformation(ours[i], HANDLE_FLAG_INHERIT, 0);
    }
    start.dwFlags = STARTF_USESTDHANDLES;
    start.hStdInput = theirs[0];
    start.hStdOutput = theirs[1];
    start.hStdError = theirs[2];
    if (!CreateProcessA(NULL, command, NULL, NULL, TRUE, CREATE_NO_WINDOW, NULL, NULL, &start, &process))
        return 251;
    for (i = 0; i < 3; i++) {
        HANDLE own = GetStdHandle(standard[i]);
        CloseHandle(theirs[i]);
        pipes[i].from = i ? ours[i] : own;
        pipes[i].to = i ? own : ours[i];
        pipes[i].closes = i == 0;
        threads[i] = CreateThread(NULL, 0, pass_on, &pipes[i], 0, &id);
    }
    WaitForSingleObject(process.hProcess, INFINITE);
    WaitForMultipleObjects(2, threads + 1, TRUE, 10000);
    GetExitCodeProcess(process.hProcess, &code);
    return (int)code;
}
